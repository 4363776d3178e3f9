// SPDX-License-Identifier: BSD-3-Clause
/*
 * What Weka itself computes, as JSON: reads lines
 *   ID TAB FILE.arff TAB FOLDS TAB SEED TAB OPTIONS
 * from standard input (OPTIONS: words of "C=0.1 M=5 U S", or "-"; FOLDS 0: only
 * the tree on all rows) and answers each with one line of figures of J48, to
 * the last digit. Calls nothing but Weka's public methods.
 */
import java.io.BufferedReader;
import java.io.FileReader;
import java.io.InputStreamReader;
import java.util.Random;
import weka.classifiers.Evaluation;
import weka.classifiers.trees.J48;
import weka.core.Instances;

public class WekaFigures {
  private static final StringBuilder out = new StringBuilder();
  private static String loadedName = "";
  private static Instances loaded;
  private static int crossValidations;

  private static void put(String name, String value) {
    out.append(out.charAt(out.length() - 1) == '{' ? "" : ", ");
    out.append('"').append(name).append("\": ").append(value);
  }

  private static void put(String name, double value) {
    put(name, Json.number(value));
  }

  private static String matrix(double[][] a, double[][] less) {
    StringBuilder b = new StringBuilder("[");
    for (int i = 0; i < a.length; i++) {
      b.append(i == 0 ? "[" : ", [");
      for (int j = 0; j < a.length; j++) {
        double x = a[i][j] - (less == null ? 0 : less[i][j]);
        b.append(j == 0 ? "" : ", ").append((long) x);
      }
      b.append(']');
    }
    return b.append(']').toString();
  }

  private static double[][] copy(double[][] a) {
    double[][] b = new double[a.length][];
    for (int i = 0; i < a.length; i++) {
      b[i] = a[i].clone();
    }
    return b;
  }

  private static J48 learner(String options) {
    J48 j48 = new J48();
    for (String word : options.split(" ")) {
      if (word.startsWith("C=")) {
        j48.setConfidenceFactor(Float.parseFloat(word.substring(2)));
      } else if (word.startsWith("M=")) {
        j48.setMinNumObj(Integer.parseInt(word.substring(2)));
      } else if (word.equals("U")) {
        j48.setUnpruned(true);
      } else if (word.equals("S")) {
        j48.setSubtreeRaising(false);
      }
    }
    return j48;
  }

  private static Instances load(String path) throws Exception {
    if (!path.equals(loadedName)) {
      BufferedReader reader = new BufferedReader(new FileReader(path));
      loaded = new Instances(reader);
      reader.close();
      loaded.setClassIndex(loaded.numAttributes() - 1);
      loadedName = path;
    }
    return new Instances(loaded);
  }

  private static void putClasses(Evaluation e, int classes) {
    StringBuilder b = new StringBuilder("[");
    for (int i = 0; i < classes; i++) {
      b.append(i == 0 ? "[" : ", [");
      b.append(Json.number(e.truePositiveRate(i))).append(", ");
      b.append(Json.number(e.falsePositiveRate(i))).append(", ");
      b.append(Json.number(e.precision(i))).append(", ");
      b.append(Json.number(e.recall(i))).append(", ");
      b.append(Json.number(e.fMeasure(i))).append(", ");
      b.append(Json.number(e.areaUnderROC(i))).append(']');
    }
    put("per_class", b.append(']').toString());
    put("weighted",
        "[" + Json.number(e.weightedTruePositiveRate()) + ", "
            + Json.number(e.weightedFalsePositiveRate()) + ", "
            + Json.number(e.weightedPrecision()) + ", "
            + Json.number(e.weightedRecall()) + ", "
            + Json.number(e.weightedFMeasure()) + ", "
            + Json.number(e.weightedAreaUnderROC()) + "]");
  }

  /* Now and then: the loop below is Weka's. */
  private static void checkAgainstWekasOwnLoop(Evaluation e, Instances all,
      String options, int folds, int seed) throws Exception {
    if (++crossValidations % 10 != 1) {
      return;
    }
    Evaluation own = new Evaluation(all);
    own.crossValidateModel(learner(options), all, folds, new Random(seed));
    if (own.meanAbsoluteError() != e.meanAbsoluteError()
        || !own.toMatrixString().equals(e.toMatrixString())) {
      put("error", Json.quote("the driver's loop is not crossValidateModel's"));
    }
  }

  /* The folds one by one, as crossValidateModel goes through them. */
  private static void crossValidate(Instances all, String options, int folds,
      int seed) throws Exception {
    Random random = new Random(seed);
    Instances data = new Instances(all);
    data.randomize(random);
    data.stratify(folds);
    Evaluation e = new Evaluation(data);
    StringBuilder list = new StringBuilder("[");
    for (int f = 0; f < folds; f++) {
      Instances train = data.trainCV(folds, f, random);
      e.setPriors(train);
      J48 j48 = learner(options);
      j48.buildClassifier(train);
      double[][] before = copy(e.confusionMatrix());
      e.evaluateModel(j48, data.testCV(folds, f));
      list.append(f == 0 ? "[" : ", [").append(train.numInstances());
      list.append(", ").append((int) j48.measureNumLeaves());
      list.append(", ").append((int) j48.measureTreeSize()).append(", ");
      list.append(matrix(e.confusionMatrix(), before)).append(']');
    }
    put("folds", list.append(']').toString());
    put("confusion", matrix(e.confusionMatrix(), null));
    put("unclassified", e.unclassified());
    put("correct", e.correct());
    put("incorrect", e.incorrect());
    put("kappa", e.kappa());
    put("mae", e.meanAbsoluteError());
    put("rmse", e.rootMeanSquaredError());
    put("rae", e.relativeAbsoluteError());
    put("rrse", e.rootRelativeSquaredError());
    putClasses(e, all.numClasses());
    checkAgainstWekasOwnLoop(e, all, options, folds, seed);
    put("printed", Json.quote(e.toSummaryString(
        "=== Stratified cross-validation ===\n", false) + "\n\n"
        + e.toClassDetailsString() + "\n\n" + e.toMatrixString()));
  }

  private static void answer(String[] field) {
    try {
      Instances data = load(field[1]);
      int folds = Integer.parseInt(field[2]);
      J48 j48 = learner(field[4]);
      j48.buildClassifier(new Instances(data));
      put("text", Json.quote(j48.toString()));
      put("leaves", (int) j48.measureNumLeaves());
      put("size", (int) j48.measureTreeSize());
      if (folds > 0) {
        crossValidate(data, field[4], folds, Integer.parseInt(field[3]));
      }
    } catch (StackOverflowError e) {
      put("endless", "true");
    } catch (Exception e) {
      put("error", Json.quote(e.toString()));
    }
  }

  public static void main(String[] arguments) throws Exception {
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String[] field = line.split("\t");
      out.setLength(0);
      out.append('{');
      put("id", Json.quote(field[0]));
      answer(field);
      System.out.println(out.append('}'));
      System.out.flush();
    }
  }
}
