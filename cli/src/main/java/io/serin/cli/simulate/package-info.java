/** {@code serin simulate}: what the guards do, and others, where the truth is known. */
@NullMarked
package io.serin.cli.simulate;

import org.jspecify.annotations.NullMarked;
