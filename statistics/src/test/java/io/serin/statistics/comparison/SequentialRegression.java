package io.serin.statistics.comparison;

import io.serin.statistics.Interval;
import org.apache.commons.statistics.distribution.TDistribution;

/**
 * Least squares with inference that is valid at every look: an e-value for each coefficient from
 * its t-statistic, by a g-prior of precision g. Source: Lindon, Ham, Tingley, Bojinov 2022
 * (anytime-valid linear models).
 */
public final class SequentialRegression {
  /** How the coefficients' covariance is estimated. */
  public enum Covariance {
    IID,
    HC0,
    HC1,
    HC2,
    HC3
  }

  private final double[] coefficients;
  private final double[] standardErrors;
  private final int rows;
  private final double precision;

  /**
   * @param design rows of regressors; a leading 1 is the intercept
   * @param response one number a row
   * @param precision g > 0
   */
  public SequentialRegression(
      double[][] design, double[] response, Covariance covariance, double precision) {
    int n = design.length;
    int p = design[0].length;
    if (n <= p) {
      throw new IllegalArgumentException("rows: more than " + p + " are required, not " + n);
    }
    double[][] inverse = inverse(crossProduct(design));
    this.rows = n;
    this.precision = precision;
    this.coefficients = times(inverse, transposedTimes(design, response));
    double[][] middle = new double[p][p];
    double squares = 0;
    for (int i = 0; i < n; i++) {
      double residual = response[i] - dot(design[i], coefficients);
      double leverage = dot(design[i], times(inverse, design[i]));
      squares += residual * residual;
      double weight =
          switch (covariance) {
            case IID -> 0;
            case HC0 -> residual * residual;
            case HC1 -> residual * residual * n / (n - p);
            case HC2 -> residual * residual / (1 - leverage);
            case HC3 -> residual * residual / ((1 - leverage) * (1 - leverage));
          };
      for (int j = 0; j < p; j++) {
        for (int k = 0; k < p; k++) {
          middle[j][k] += weight * design[i][j] * design[i][k];
        }
      }
    }
    this.standardErrors = new double[p];
    for (int j = 0; j < p; j++) {
      double variance =
          covariance == Covariance.IID
              ? squares / (n - p) * inverse[j][j]
              : dot(inverse[j], times(middle, inverse[j]));
      standardErrors[j] = Math.sqrt(variance);
    }
  }

  public double[] coefficients() {
    return coefficients.clone();
  }

  public double[] standardErrors() {
    return standardErrors.clone();
  }

  /** ln of the e-value against "coefficient j is 0". */
  public double logE(int j) {
    double freedom = freedom();
    double t = coefficients[j] / standardErrors[j];
    double ratio = precision / (precision + rows);
    double square = t * t / freedom;
    return 0.5 * Math.log(ratio)
        - (freedom + 1) / 2 * (Math.log1p(ratio * square) - Math.log1p(square));
  }

  /** The always-valid p-value of "coefficient j is 0". */
  public double pValue(int j) {
    return Math.min(1, Math.exp(-logE(j)));
  }

  /** The p-value at one look. */
  public double pValueAtOneLook(int j) {
    double t = Math.abs(coefficients[j] / standardErrors[j]);
    return 2 * TDistribution.of(freedom()).survivalProbability(t);
  }

  /**
   * The confidence sequence of coefficient j at level 1−alpha; infinite while there are too few
   * rows.
   */
  public Interval interval(int j, double alpha) {
    double freedom = freedom();
    double ratio = precision / (precision + rows);
    double boundary = Math.pow(alpha * alpha * ratio, 1 / (freedom + 1));
    double half =
        boundary <= ratio
            ? Double.POSITIVE_INFINITY
            : standardErrors[j] * Math.sqrt(freedom * (1 - boundary) / (boundary - ratio));
    return new Interval(coefficients[j] - half, coefficients[j] + half);
  }

  private double freedom() {
    return rows - coefficients.length;
  }

  private static double[][] crossProduct(double[][] design) {
    int p = design[0].length;
    double[][] result = new double[p][p];
    for (double[] row : design) {
      for (int j = 0; j < p; j++) {
        for (int k = 0; k < p; k++) {
          result[j][k] += row[j] * row[k];
        }
      }
    }
    return result;
  }

  private static double[] transposedTimes(double[][] design, double[] response) {
    double[] result = new double[design[0].length];
    for (int i = 0; i < design.length; i++) {
      for (int j = 0; j < result.length; j++) {
        result[j] += design[i][j] * response[i];
      }
    }
    return result;
  }

  /** The inverse of a symmetric positive definite matrix, by Gauss–Jordan with pivoting. */
  private static double[][] inverse(double[][] matrix) {
    int p = matrix.length;
    double[][] work = new double[p][2 * p];
    for (int i = 0; i < p; i++) {
      System.arraycopy(matrix[i], 0, work[i], 0, p);
      work[i][p + i] = 1;
    }
    for (int column = 0; column < p; column++) {
      int pivot = column;
      for (int i = column + 1; i < p; i++) {
        if (Math.abs(work[i][column]) > Math.abs(work[pivot][column])) {
          pivot = i;
        }
      }
      if (work[pivot][column] == 0) {
        throw new IllegalArgumentException("design: the regressors are linearly dependent");
      }
      double[] swapped = work[column];
      work[column] = work[pivot];
      work[pivot] = swapped;
      double head = work[column][column];
      for (int k = 0; k < 2 * p; k++) {
        work[column][k] /= head;
      }
      for (int i = 0; i < p; i++) {
        double factor = work[i][column];
        for (int k = 0; i != column && k < 2 * p; k++) {
          work[i][k] -= factor * work[column][k];
        }
      }
    }
    double[][] result = new double[p][p];
    for (int i = 0; i < p; i++) {
      System.arraycopy(work[i], p, result[i], 0, p);
    }
    return result;
  }

  private static double[] times(double[][] matrix, double[] vector) {
    double[] result = new double[matrix.length];
    for (int i = 0; i < matrix.length; i++) {
      result[i] = dot(matrix[i], vector);
    }
    return result;
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }
}
