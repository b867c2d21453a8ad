/** The command {@code serin models} and the options by which model servers are described. */
@NullMarked
package io.serin.rehearsal.command;

import org.jspecify.annotations.NullMarked;
