using System.Text.Json;

namespace WhiteCross.Sidecar.Cel;

/// <summary>
/// An expression in the Common Expression Language, as routes of subscriptions and trips of circuit breakers use it. Served are literals, lists
/// and maps, members and indexes, arithmetic, comparison, <c>&amp;&amp; || ! in ?:</c>, <c>has()</c>, <c>size()</c>, <c>contains</c>,
/// <c>startsWith</c>, <c>endsWith</c>, <c>matches</c>, the conversions <c>int uint double string bool</c> and the macros
/// <c>all exists exists_one filter map</c>; not served are bytes, messages, timestamps and durations. Immutable and safe to share.
/// </summary>
public sealed class CelExpression
{
    private readonly CelNode _root;

    private CelExpression(string text, CelNode root) => (Text, _root) = (text, root);

    /// <summary>The expression as it was written.</summary>
    public string Text { get; }

    /// <summary>Reads an expression.</summary>
    /// <param name="text">The expression.</param>
    /// <param name="variables">The names that it may use; another name is an error here, and not first at an event.</param>
    /// <exception cref="CelSyntaxException">It cannot be read; says what was expected, and where.</exception>
    public static CelExpression Parse(string text, IReadOnlyCollection<string> variables)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(variables);
        return new CelExpression(text, CelParser.Parse(text, variables));
    }

    /// <summary>Computes the expression.</summary>
    /// <param name="variable">
    /// Gives a variable's value: null, bool, int, long, ulong, double, string, or a <see cref="JsonElement"/>, whose numbers are doubles as in Dapr.
    /// </param>
    /// <returns>null, bool, long, ulong, double, string, or a list or map of these.</returns>
    /// <exception cref="CelEvaluationException">It has no value for these variables.</exception>
    public object? Evaluate(Func<string, object?> variable)
    {
        ArgumentNullException.ThrowIfNull(variable);
        return new CelEvaluator(variable).Evaluate(_root);
    }

    /// <summary>Computes the expression and tells whether it is true; another value than true counts as false, as in Dapr.</summary>
    /// <param name="variable">Gives a variable's value.</param>
    /// <exception cref="CelEvaluationException">It has no value for these variables.</exception>
    public bool IsTrue(Func<string, object?> variable) => Evaluate(variable) is true;

    /// <summary>Whether an event fulfils the expression, whose variable <c>event</c> is the CloudEvent.</summary>
    /// <param name="cloudEvent">The CloudEvent, a JSON object.</param>
    /// <exception cref="CelEvaluationException">It has no value for this event: a member is missing, or of an unsuitable type.</exception>
    public bool Matches(JsonElement cloudEvent) => IsTrue(_ => cloudEvent);

    /// <inheritdoc/>
    public override string ToString() => Text;
}
