@NullMarked
package io.serin.analytics.rollout;

import org.jspecify.annotations.NullMarked;
