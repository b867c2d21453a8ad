@NullMarked
package io.serin.cli.plan;

import org.jspecify.annotations.NullMarked;
