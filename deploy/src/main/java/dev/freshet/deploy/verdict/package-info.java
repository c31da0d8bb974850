/** Data tests under the service: judged on the state store's own tables, told about, and holding targets. */
@NullMarked
package dev.freshet.deploy.verdict;

import org.jspecify.annotations.NullMarked;
