@NullMarked
package io.serin.rollout.assignment;

import org.jspecify.annotations.NullMarked;
