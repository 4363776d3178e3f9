// SPDX-License-Identifier: BSD-3-Clause
/*
 * What Weka itself computes, as JSON: reads lines
 *   FILE.arff TAB FOLDS TAB SEED TAB BUCKET
 * from standard input and answers each with one line: the ranking of
 * OneRAttributeEval under these options, and the cross-validations of ZeroR,
 * OneR and NaiveBayes, to the last digit. Calls nothing but Weka's public
 * methods.
 */
import java.io.BufferedReader;
import java.io.FileReader;
import java.io.InputStreamReader;
import java.util.Random;
import weka.attributeSelection.AttributeSelection;
import weka.attributeSelection.OneRAttributeEval;
import weka.attributeSelection.Ranker;
import weka.classifiers.Classifier;
import weka.classifiers.Evaluation;
import weka.classifiers.bayes.NaiveBayes;
import weka.classifiers.rules.OneR;
import weka.classifiers.rules.ZeroR;
import weka.core.Instances;

public class LearnerFigures {
  private static String ranking(Instances data, int folds, int seed, int bucket)
      throws Exception {
    OneRAttributeEval eval = new OneRAttributeEval();
    eval.setFolds(folds);
    eval.setSeed(seed);
    eval.setMinimumBucketSize(bucket);
    AttributeSelection selection = new AttributeSelection();
    selection.setEvaluator(eval);
    selection.setSearch(new Ranker());
    selection.SelectAttributes(new Instances(data));
    StringBuilder b = new StringBuilder("{\"ranked\": [");
    double[][] ranked = selection.rankedAttributes();
    for (int i = 0; i < ranked.length; i++) {
      b.append(i == 0 ? "[" : ", [").append((int) ranked[i][0] + 1);
      b.append(", ").append(Json.number(ranked[i][1])).append(']');
    }
    return b.append("], \"printed\": ")
        .append(Json.quote(selection.toResultsString())).append('}').toString();
  }

  private static String learned(Classifier one, Classifier two, Instances data,
      int folds, int seed) throws Exception {
    one.buildClassifier(new Instances(data));
    String model = one.toString();
    Evaluation e = new Evaluation(data);
    e.crossValidateModel(two, new Instances(data), folds, new Random(seed));
    StringBuilder b = new StringBuilder("{\"model\": " + Json.quote(model));
    b.append(", \"figures\": [").append(Json.number(e.kappa()));
    b.append(", ").append(Json.number(e.meanAbsoluteError()));
    b.append(", ").append(Json.number(e.rootMeanSquaredError()));
    b.append(", ").append(Json.number(e.relativeAbsoluteError()));
    b.append(", ").append(Json.number(e.rootRelativeSquaredError()));
    for (int k = 0; k < data.numClasses(); k++) {
      b.append(", ").append(Json.number(e.areaUnderROC(k)));
    }
    b.append("], \"printed\": ").append(Json.quote(e.toSummaryString(
        "=== Stratified cross-validation ===\n", false) + "\n\n"
        + e.toClassDetailsString() + "\n\n" + e.toMatrixString()));
    return b.append('}').toString();
  }

  /* A part of the answer; Weka's exception where it has none. Texts of huge
   * numbers end it for want of memory. */
  private interface Part {
    String get() throws Exception;
  }

  private static void put(StringBuilder out, String name, Part part) {
    out.append(out.length() == 1 ? "" : ", ").append('"').append(name)
        .append("\": ");
    try {
      out.append(part.get());
    } catch (Exception | OutOfMemoryError e) {
      out.append("{\"error\": ").append(Json.quote(e.toString())).append('}');
    }
  }

  public static void main(String[] arguments) throws Exception {
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String[] field = line.split("\t");
      BufferedReader reader = new BufferedReader(new FileReader(field[0]));
      Instances data = new Instances(reader);
      reader.close();
      data.setClassIndex(data.numAttributes() - 1);
      int folds = Integer.parseInt(field[1]), seed = Integer.parseInt(field[2]);
      int bucket = Integer.parseInt(field[3]);
      StringBuilder out = new StringBuilder("{");
      put(out, "rank", () -> ranking(data, folds, seed, bucket));
      put(out, "zeror", () -> learned(new ZeroR(), new ZeroR(), data, folds, seed));
      put(out, "oner", () -> learned(new OneR(), new OneR(), data, folds, seed));
      put(out, "nb",
          () -> learned(new NaiveBayes(), new NaiveBayes(), data, folds, seed));
      System.out.println(out.append('}'));
      System.out.flush();
    }
  }
}
