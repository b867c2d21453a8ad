/** {@code serin refusals}: which recorded answers refuse. */
@NullMarked
package io.serin.cli.refusals;

import org.jspecify.annotations.NullMarked;
