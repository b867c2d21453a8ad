@NullMarked
package io.serin.analytics.controller;

import org.jspecify.annotations.NullMarked;
