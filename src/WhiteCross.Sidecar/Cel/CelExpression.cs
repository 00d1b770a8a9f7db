using System.Text.Json;

namespace WhiteCross.Sidecar.Cel;

/// <summary>
/// An expression as routes of subscriptions and trips of circuit breakers use it: the part of the Common Expression Language that such rules are made
/// of. Served are numbers, texts, true, false and null; variables and members (<c>event.data.ward</c>); <c>== != &lt; &lt;= &gt; &gt;=</c>,
/// <c>&amp;&amp; || !</c>, <c>*</c> and parentheses. Everything else of the language is refused by name where the resource is read.
/// Immutable and safe to share.
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
    /// <exception cref="CelSyntaxException">It cannot be read, or is not served here; says what, and where.</exception>
    public static CelExpression Parse(string text, IReadOnlyCollection<string> variables)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(variables);
        return new CelExpression(text, CelParser.Parse(text, variables));
    }

    /// <summary>Computes the expression and tells whether it is true; another value than true counts as false, as in Dapr.</summary>
    /// <param name="variable">Gives a variable's value: bool, long, double, string, or a <see cref="JsonElement"/>, whose numbers are doubles as in Dapr.</param>
    /// <exception cref="CelEvaluationException">It has no value for these variables.</exception>
    public bool IsTrue(Func<string, object?> variable)
    {
        ArgumentNullException.ThrowIfNull(variable);
        return _root(variable) is true;
    }

    /// <summary>Whether an event fulfils the expression, whose variable <c>event</c> is the CloudEvent.</summary>
    /// <param name="cloudEvent">The CloudEvent, a JSON object.</param>
    /// <exception cref="CelEvaluationException">It has no value for this event: a member is missing, or of an unsuitable type.</exception>
    public bool Matches(JsonElement cloudEvent) => IsTrue(_ => cloudEvent);

    /// <inheritdoc/>
    public override string ToString() => Text;
}

/// <summary>A part of an expression: computes its value from those of the variables.</summary>
internal delegate object? CelNode(Func<string, object?> variable);
