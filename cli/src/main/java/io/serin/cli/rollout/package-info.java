/** {@code serin rollout}: rollouts applied, looked at and rolled back over the control API. */
@NullMarked
package io.serin.cli.rollout;

import org.jspecify.annotations.NullMarked;
