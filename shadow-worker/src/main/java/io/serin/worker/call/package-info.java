/** Calling one model once, and measuring its answer as the router does. */
@NullMarked
package io.serin.worker.call;

import org.jspecify.annotations.NullMarked;
