/** The serin command. */
@NullMarked
package io.serin.cli;

import org.jspecify.annotations.NullMarked;
