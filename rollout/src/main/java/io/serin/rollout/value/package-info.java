/** Values that people write in files and on command lines, each with one grammar and one check. */
@NullMarked
package io.serin.rollout.value;

import org.jspecify.annotations.NullMarked;
