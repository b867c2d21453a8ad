package io.serin.benchmarks.router;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A process that this benchmark started, and ends. */
final class Child implements AutoCloseable {

  private final Process process;
  private final Path log;

  private Child(Process process, Path log) {
    this.process = process;
    this.log = log;
  }

  /** Starts a program whose output goes to a log. */
  static Child start(Path log, Path folder, List<String> command) throws IOException {
    Process process =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    return new Child(process, log);
  }

  /** A Java program of this benchmark's class path. */
  static Child java(Path log, Path folder, List<String> flags, String main, List<String> arguments)
      throws IOException {
    List<String> command = new java.util.ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(flags);
    command.addAll(List.of("-cp", absoluteClassPath(), main));
    command.addAll(arguments);
    return start(log, folder, command);
  }

  private static String absoluteClassPath() {
    StringBuilder path = new StringBuilder();
    for (String entry : System.getProperty("java.class.path").split(":", -1)) {
      path.append(path.isEmpty() ? "" : ":").append(Path.of(entry).toAbsolutePath());
    }
    return path.toString();
  }

  ProcessHandle handle() {
    return process.toHandle();
  }

  /** Waits for a line of the log that begins so, and returns the rest of it. */
  String awaitLine(String beginning, Duration bound) throws IOException, InterruptedException {
    CompletableFuture<String> line =
        CompletableFuture.supplyAsync(() -> follow(beginning, System.nanoTime() + bound.toNanos()));
    try {
      return line.get(bound.toMillis() + 1000, TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new IOException("not ready within " + bound.toSeconds() + " s; its log is " + log, e);
    }
  }

  private String follow(String beginning, long until) {
    while (System.nanoTime() < until) {
      try (BufferedReader reader = Files.newBufferedReader(log, StandardCharsets.UTF_8)) {
        for (String line = reader.readLine(); line != null; line = reader.readLine()) {
          if (line.startsWith(beginning)) {
            return line.substring(beginning.length()).strip();
          }
        }
        if (!process.isAlive()) {
          throw new IllegalStateException("ended with exit code " + process.exitValue());
        }
        Thread.sleep(50);
      } catch (IOException e) {
        throw new java.io.UncheckedIOException(e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException(e);
      }
    }
    throw new IllegalStateException("no line \"" + beginning + "…\"");
  }

  /** Waits until something listens on a port of the loopback. */
  void awaitPort(int port, Duration bound) throws IOException, InterruptedException {
    long until = System.nanoTime() + bound.toNanos();
    while (System.nanoTime() < until && process.isAlive()) {
      try (java.net.Socket socket = new java.net.Socket("127.0.0.1", port)) {
        return;
      } catch (IOException e) {
        Thread.sleep(50);
      }
    }
    throw new IOException("nothing listens on port " + port + "; the log is " + log);
  }

  @Override
  public void close() {
    process.descendants().forEach(ProcessHandle::destroy);
    process.destroy();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
