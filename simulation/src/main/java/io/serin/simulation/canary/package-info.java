/** A canary of your own, judged by Serin and by other rules on the same requests. */
@NullMarked
package io.serin.simulation.canary;

import org.jspecify.annotations.NullMarked;
