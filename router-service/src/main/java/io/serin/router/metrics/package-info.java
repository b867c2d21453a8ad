/** What a router counts for /metrics. */
@NullMarked
package io.serin.router.metrics;

import org.jspecify.annotations.NullMarked;
