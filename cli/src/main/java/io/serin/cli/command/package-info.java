/** What commands share: their terminal, and options that several have. */
@NullMarked
package io.serin.cli.command;

import org.jspecify.annotations.NullMarked;
