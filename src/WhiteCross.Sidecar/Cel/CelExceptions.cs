using System.Globalization;

namespace WhiteCross.Sidecar.Cel;

/// <summary>An expression that cannot be read, or that the local sidecar does not serve.</summary>
public sealed class CelSyntaxException : Exception
{
    internal CelSyntaxException(string problem, string expression, int offset)
        : base(string.Create(CultureInfo.InvariantCulture, $"{problem} at character {offset + 1} of '{expression}'"))
    {
        Offset = offset;
    }

    /// <summary>Where the problem is, counted from 0.</summary>
    public int Offset { get; }
}

/// <summary>An expression that has no value for the given variables: a missing member, an operator between types that do not go together.</summary>
/// <param name="message">What went wrong; never a value of the variables.</param>
public sealed class CelEvaluationException(string message) : Exception(message);
