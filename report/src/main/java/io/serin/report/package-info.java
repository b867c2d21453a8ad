/** Tables, pictures and HTML pages, written once for all commands. */
@NullMarked
package io.serin.report;

import org.jspecify.annotations.NullMarked;
