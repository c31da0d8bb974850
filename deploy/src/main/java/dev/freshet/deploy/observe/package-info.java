/** What a running pipeline shows of itself: rates, lags, states and reasons, as one status and as metrics. */
@NullMarked
package dev.freshet.deploy.observe;

import org.jspecify.annotations.NullMarked;
