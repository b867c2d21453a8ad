@NullMarked
package io.serin.cli.simulate;

import org.jspecify.annotations.NullMarked;
