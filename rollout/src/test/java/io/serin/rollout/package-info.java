@NullMarked
package io.serin.rollout;

import org.jspecify.annotations.NullMarked;
