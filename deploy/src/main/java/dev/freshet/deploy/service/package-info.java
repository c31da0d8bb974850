/** The service's face: HTTP on loopback with status, health, metrics, control and the page, and the client that the command line uses. */
@NullMarked
package dev.freshet.deploy.service;

import org.jspecify.annotations.NullMarked;
