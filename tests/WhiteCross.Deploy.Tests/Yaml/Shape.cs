using System.Globalization;
using System.Text.RegularExpressions;
using WhiteCross.Sidecar.Resources;

namespace WhiteCross.Deploy.Tests.Yaml;

/// <summary>What a node must look like. A check gives a line for each problem, with file, line and field.</summary>
internal abstract class Shape
{
    public static readonly Shape Any = new Rule(_ => null);
    public static readonly Shape Text = new Rule(node => node.Text is { Length: > 0 } ? null : "must be a text");
    public static readonly Shape OneValue = new Rule(node => node.Text is not null ? null : "must be a single value");
    public static readonly Shape Quoted = new Rule(node => node.Text is not null && (node.IsQuoted || !IsTyped(node.Text)) ? null : $"is {node.Text} without quotes; it must be a text");
    public static readonly Shape Flag = new Rule(node => !node.IsQuoted && node.Text is "true" or "false" ? null : "must be true or false, without quotes");
    public static readonly Shape Whole = Number(0, int.MaxValue);
    public static readonly Shape Port = Number(1, ushort.MaxValue);
    public static readonly Shape Duration = new Rule(node => GoDuration.TryParse(node.Text ?? string.Empty, out _) ? null : $"is '{node.Text}'; it must be a duration such as 500ms, 5s or 1m30s");
    public static readonly Shape Texts = List(Text);

    public static Shape Number(int least, int most) => new Rule(node =>
        !node.IsQuoted && int.TryParse(node.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? null
            : $"is '{node.Text}'; it must be an integer from {least} to {most}, without quotes");

    public static Shape OneOf(params string[] values) => new Rule(node => values.Contains(node.Text) ? null : $"is '{node.Text}'; it must be {string.Join(" or ", values)}");

    public static Shape Matching(string pattern, string mustBe) => new Rule(node => node.Text is { } text && Regex.IsMatch(text, $"^(?:{pattern})$") ? null : $"is '{node.Text}'; it must be {mustBe}");

    public static Shape List(Shape item) => new ListShape(item);

    public static Shape Map(Shape value) => new MapShape(value);

    /// <summary>These fields and no others; a name that ends in <c>!</c> is required.</summary>
    public static Shape Fields(params (string Name, Shape Shape)[] fields) => new FieldsShape(fields);

    public static Shape Either(Shape whenMap, Shape otherwise) => new EitherShape(whenMap, otherwise);

    public abstract IEnumerable<string> Check(Node node);

    private static bool IsTyped(string text) => text is "true" or "false" || double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _);

    private static string Problem(Node node, string what) => $"{node.At}: {(node.Path.Length == 0 ? "the document" : node.Path)} {what}.";

    private sealed class Rule(Func<Node, string?> problem) : Shape
    {
        public override IEnumerable<string> Check(Node node) => problem(node) is { } what ? [Problem(node, what)] : [];
    }

    private sealed class ListShape(Shape item) : Shape
    {
        public override IEnumerable<string> Check(Node node) => node.IsList ? node.Items.SelectMany(item.Check) : [Problem(node, "must be a list")];
    }

    private sealed class MapShape(Shape value) : Shape
    {
        public override IEnumerable<string> Check(Node node) => node.IsMap ? node.Entries.SelectMany(entry => value.Check(entry.Value)) : [Problem(node, "must be a mapping")];
    }

    private sealed class EitherShape(Shape whenMap, Shape otherwise) : Shape
    {
        public override IEnumerable<string> Check(Node node) => (node.IsMap ? whenMap : otherwise).Check(node);
    }

    private sealed class FieldsShape((string Name, Shape Shape)[] fields) : Shape
    {
        private readonly Dictionary<string, Shape> _shapes = fields.ToDictionary(field => field.Name.TrimEnd('!'), field => field.Shape);

        public override IEnumerable<string> Check(Node node)
        {
            if (!node.IsMap)
            {
                return [Problem(node, "must be a mapping")];
            }

            var missing = fields.Where(field => field.Name.EndsWith('!') && node[field.Name.TrimEnd('!')] is null)
                .Select(field => Problem(node, $"has no {field.Name.TrimEnd('!')}; it is required"));
            return missing.Concat(node.Entries.SelectMany(entry => _shapes.TryGetValue(entry.Key, out var shape)
                ? shape.Check(entry.Value)
                : [Problem(entry.Key_ with { Path = entry.Value.Path }, $"is not known; known are {string.Join(", ", _shapes.Keys)}")]));
        }
    }
}
