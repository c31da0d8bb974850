/** The demo's servers, data, live traffic, measurements and its verdict. None of it is used by {@code serve}. */
@NullMarked
package dev.freshet.deploy.demo;

import org.jspecify.annotations.NullMarked;
