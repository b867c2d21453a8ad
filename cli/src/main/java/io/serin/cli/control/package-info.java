/** The client of analytics' control API, and how to wait for what it was asked. */
@NullMarked
package io.serin.cli.control;

import org.jspecify.annotations.NullMarked;
