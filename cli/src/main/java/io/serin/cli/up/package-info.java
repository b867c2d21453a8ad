/** {@code serin up}: everything on this machine, started by one command. */
@NullMarked
package io.serin.cli.up;

import org.jspecify.annotations.NullMarked;
