/** What models answered to which prompts, as recorded by others. Pure. */
@NullMarked
package io.serin.rehearsal.recorded;

import org.jspecify.annotations.NullMarked;
