package io.serin.router.front;

import io.serin.router.access.Tls;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks once a second whether the files by which clients' connections are encrypted changed, and
 * has them taken anew for connections that come from then on. They are taken only once they stayed
 * as they are from one look to the next, so that a certificate and its key can be replaced one
 * after the other. Files that cannot be used change nothing.
 */
public final class TlsWatch {

  private static final Logger LOG = LoggerFactory.getLogger(TlsWatch.class);
  private static final long EVERY_MILLIS = 1_000;

  private final Vertx vertx;
  private final Tls tls;
  private final Supplier<Future<?>> take;
  private Map<Path, FileTime> taken = Map.of();
  private Map<Path, FileTime> seen = Map.of();

  /**
   * @param take takes the files; fails where they cannot be used, and those before hold
   */
  TlsWatch(Vertx vertx, Tls tls, Supplier<Future<?>> take) {
    this.vertx = vertx;
    this.tls = tls;
    this.take = take;
  }

  /** Looks from now on; what the files hold now counts as taken. */
  void start() throws IOException {
    taken = changedAt();
    seen = taken;
    vertx.setPeriodic(EVERY_MILLIS, timer -> look());
  }

  private void look() {
    vertx
        .executeBlocking(this::changedAt)
        .onComplete(this::found, failure -> failed(failure.toString()));
  }

  private void found(Map<Path, FileTime> now) {
    boolean settled = now.equals(seen);
    seen = now;
    if (settled && !now.equals(taken)) {
      taken = now;
      take.get()
          .onComplete(
              done ->
                  LOG.atInfo()
                      .addKeyValue("event", "certificate-read")
                      .addKeyValue("certificate", tls.certificate())
                      .log("the router's certificate changed"),
              failure -> failed(failure.toString()));
    }
  }

  private void failed(String why) {
    LOG.atError()
        .addKeyValue("event", "certificate-unreadable")
        .addKeyValue("certificate", tls.certificate())
        .addKeyValue("error", why)
        .log("the router's certificate cannot be read again; the one before holds");
  }

  private Map<Path, FileTime> changedAt() throws IOException {
    Map<Path, FileTime> times = new HashMap<>();
    times.put(tls.certificate(), Files.getLastModifiedTime(tls.certificate()));
    times.put(tls.key(), Files.getLastModifiedTime(tls.key()));
    Path authorities = tls.clientCa();
    if (authorities != null) {
      times.put(authorities, Files.getLastModifiedTime(authorities));
    }
    return times;
  }
}
