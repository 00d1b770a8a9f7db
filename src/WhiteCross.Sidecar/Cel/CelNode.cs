namespace WhiteCross.Sidecar.Cel;

/// <summary>A part of an expression, as the parser made it.</summary>
internal abstract record CelNode
{
    public sealed record Literal(object? Value) : CelNode;

    public sealed record Variable(string Name) : CelNode;

    public sealed record Member(CelNode Of, string Name) : CelNode;

    /// <summary>has(a.b): whether the member is there.</summary>
    public sealed record Has(CelNode Of, string Name) : CelNode;

    public sealed record Index(CelNode Of, CelNode At) : CelNode;

    public sealed record Unary(string Operator, CelNode Operand) : CelNode;

    public sealed record Binary(string Operator, CelNode Left, CelNode Right) : CelNode;

    public sealed record Conditional(CelNode Condition, CelNode Then, CelNode Otherwise) : CelNode;

    public sealed record Call(string Function, CelNode? Target, IReadOnlyList<CelNode> Arguments) : CelNode;

    /// <summary>all, exists, exists_one, filter, map: a body for each element, which has a name.</summary>
    public sealed record Comprehension(string Macro, CelNode Range, string Element, CelNode Body) : CelNode;

    public sealed record ListOf(IReadOnlyList<CelNode> Items) : CelNode;

    public sealed record MapOf(IReadOnlyList<(CelNode Key, CelNode Value)> Members) : CelNode;
}
