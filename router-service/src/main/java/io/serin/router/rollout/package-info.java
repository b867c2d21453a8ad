/**
 * The rollouts that this router serves: commands made ready for use, adopted by every event loop,
 * and local trips.
 */
@NullMarked
package io.serin.router.rollout;

import org.jspecify.annotations.NullMarked;
