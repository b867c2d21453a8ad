package io.serin.router.http;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.AppenderBase;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/** What a logger was told while this is open, at any level: name, message, pairs, causes. */
public final class Appended extends AppenderBase<ILoggingEvent> implements AutoCloseable {

  private static final long PATIENCE_SECONDS = 30;

  private final Logger logger;
  private final @Nullable Level before;
  private final List<String> lines = new CopyOnWriteArrayList<>();

  private Appended(Logger logger) {
    this.logger = logger;
    this.before = logger.getLevel();
  }

  public static Appended to(Class<?> who) {
    return opened((Logger) LoggerFactory.getLogger(who));
  }

  public static Appended toAll() {
    return opened((Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME));
  }

  private static Appended opened(Logger logger) {
    Appended appended = new Appended(logger);
    appended.start();
    logger.addAppender(appended);
    logger.setLevel(Level.TRACE);
    return appended;
  }

  public List<String> lines() {
    return List.copyOf(lines);
  }

  /** Waits until a line has this in it. */
  public void await(String text) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (lines.stream().noneMatch(line -> line.contains(text))) {
      assertThat(System.nanoTime()).as("%s in %s", text, lines).isLessThan(deadline);
      TimeUnit.MILLISECONDS.sleep(20);
    }
  }

  @Override
  protected void append(ILoggingEvent event) {
    String cause =
        event.getThrowableProxy() == null
            ? ""
            : ThrowableProxyUtil.asString(event.getThrowableProxy());
    lines.add(
        event.getLoggerName()
            + " "
            + event.getFormattedMessage()
            + " "
            + event.getKeyValuePairs()
            + " "
            + event.getMDCPropertyMap()
            + " "
            + cause);
  }

  @Override
  public void close() {
    logger.setLevel(before);
    logger.detachAppender(this);
    stop();
  }
}
