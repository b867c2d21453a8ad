/** One child process: started, watched, restarted when it dies, stopped in order. */
@NullMarked
package io.serin.cli.stack.supervise;

import org.jspecify.annotations.NullMarked;
