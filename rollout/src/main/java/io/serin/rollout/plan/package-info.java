/** How a rollout's error budget is shared, and how many units its stages need. Pure. */
@NullMarked
package io.serin.rollout.plan;

import org.jspecify.annotations.NullMarked;
