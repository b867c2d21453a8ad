/** Captured payloads for shadowing: sampled, redacted, bounded. */
@NullMarked
package io.serin.router.capture;

import org.jspecify.annotations.NullMarked;
