package io.serin.cli.stack;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;

/**
 * The first class of every child process: runs the {@code main} of the class named first, and ends
 * the process when its standard input ends, which it does when the parent dies, however it dies.
 *
 * <p>Holds a shared lock on the file that the system property {@value #LOCK} names for as long as
 * the process lives, so that the next stack can wait for what the last one left behind.
 *
 * <p>Depends on nothing but the JDK: the registry's process sees this class and none of Serin's
 * others.
 */
public final class Tether {

  static final String LOCK = "serin.lock";

  private static final long GRACE_MILLIS = 10_000;

  private Tether() {}

  /**
   * @param args the main class, then its arguments
   */
  public static void main(String[] args) throws ReflectiveOperationException {
    hold(System.getProperty(LOCK));
    Thread watch = new Thread(Tether::endWithParent, "tether");
    watch.setDaemon(true);
    watch.start();
    Method main = Class.forName(args[0]).getMethod("main", String[].class);
    try {
      main.invoke(null, (Object) Arrays.copyOfRange(args, 1, args.length));
    } catch (InvocationTargetException e) {
      Throwable cause = e.getCause();
      (cause == null ? e : cause).printStackTrace();
      System.exit(1);
    }
  }

  @SuppressWarnings("resource") // held until the process ends
  private static void hold(String file) {
    if (file == null) {
      return;
    }
    try {
      FileChannel.open(
              Path.of(file),
              StandardOpenOption.CREATE,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE)
          .lock(0, Long.MAX_VALUE, true);
    } catch (IOException e) {
      System.err.println("serin: " + file + " cannot be locked: " + e);
    }
  }

  private static void endWithParent() {
    try {
      while (System.in.read() >= 0) {
        // Nobody writes; only the end matters.
      }
    } catch (IOException e) {
      // As good as the end.
    }
    Thread bound = new Thread(Tether::haltAfterGrace, "tether-bound");
    bound.setDaemon(true);
    bound.start();
    System.exit(143);
  }

  private static void haltAfterGrace() {
    try {
      Thread.sleep(GRACE_MILLIS);
    } catch (InterruptedException e) {
      // Halt at once.
    }
    Runtime.getRuntime().halt(137);
  }
}
