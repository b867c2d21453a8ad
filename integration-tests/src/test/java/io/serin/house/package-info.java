/** The shape of the whole project: modules, packages, files. */
@NullMarked
package io.serin.house;

import org.jspecify.annotations.NullMarked;
