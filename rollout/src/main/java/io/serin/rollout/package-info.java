/** Pure: the rollout file, how it is read, and how slots are allotted to variants. */
@NullMarked
package io.serin.rollout;

import org.jspecify.annotations.NullMarked;
