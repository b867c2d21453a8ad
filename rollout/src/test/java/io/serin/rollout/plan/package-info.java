@NullMarked
package io.serin.rollout.plan;

import org.jspecify.annotations.NullMarked;
