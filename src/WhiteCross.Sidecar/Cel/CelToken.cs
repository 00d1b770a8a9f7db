namespace WhiteCross.Sidecar.Cel;

internal enum CelTokenKind
{
    End,
    Identifier,
    Operator,
    Integer,
    Unsigned,
    Double,
    Text,
}

/// <summary>A word of an expression. Value holds a literal's value, or the text of an identifier or operator.</summary>
internal readonly record struct CelToken(CelTokenKind Kind, int Offset, object Value)
{
    public bool Is(string symbol) => Kind == CelTokenKind.Operator && (string)Value == symbol;

    public string Shown => Kind switch
    {
        CelTokenKind.End => "the end",
        CelTokenKind.Text => "a text",
        CelTokenKind.Integer or CelTokenKind.Unsigned or CelTokenKind.Double => "a number",
        _ => $"'{Value}'",
    };
}
