using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;
using Fluid;
using Fluid.Ast;
using Fluid.Values;

namespace WhiteCross.Templates;

/// <summary>Where a rendered text goes, which decides how values are escaped in it.</summary>
public enum TemplateTarget
{
    /// <summary>A text: values are put in as they are.</summary>
    Text,

    /// <summary>HTML: values are escaped, so that none of them becomes markup.</summary>
    Html,
}

/// <summary>
/// A text in Liquid (Fluid.Core), read strictly: what is not understood, a filter that there is not, a variable without a value are errors that name it, and
/// never parts of a message. <c>{{ name | default: "you" }}</c> gives a variable a value where it has none; <c>{% if name %}</c> asks whether it has one.
/// </summary>
public sealed partial class TextTemplate
{
    private const int MaxSteps = 100_000;
    private const int LongestQuote = 60;

    private static readonly FluidParser Parser = CreateParser();
    private static readonly TemplateOptions Options = CreateOptions();

    private readonly IFluidTemplate? _template;
    private readonly string _text;
    private readonly (string Name, string Variable)[] _roots;

    private TextTemplate(string text, IFluidTemplate? template, params (string, string)[] roots) => (_text, _template, _roots) = (text, template, roots);

    /// <summary>Reads a template.</summary>
    /// <param name="text">The text; one without braces is a template without variables.</param>
    /// <exception cref="TemplateException">It is not understood; the message names what is not, and where.</exception>
    public static TextTemplate Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);

        if (!text.Contains("{{", StringComparison.Ordinal) && !text.Contains("{%", StringComparison.Ordinal))
        {
            return new TextTemplate(text, null);
        }

        var (ascii, names) = WithAsciiNames(text);
        if (!Parser.TryParse(ascii, out var template, out var error))
        {
            throw new TemplateException(names.Aggregate(NotUnderstood(ascii, error), (message, name) => message.Replace(name.Key, name.Value, StringComparison.Ordinal)));
        }

        var found = new NamesInTemplate();
        found.VisitTemplate(template);
        return found.UnknownFilter is { } unknown
            ? throw new TemplateException($"The template has the filter '{unknown}', which there is not; there are those of Liquid.")
            : new TextTemplate(text, template, [.. found.Roots.Select(root => (root, names.GetValueOrDefault(root, root)))]);
    }

    /// <summary>Renders the template.</summary>
    /// <param name="find">Finds the value of a variable; null, and JSON's null, where it has none.</param>
    /// <param name="target">Where the text goes.</param>
    /// <exception cref="TemplateException">A variable that is needed has no value, or none that can be written; the message names it.</exception>
    public string Render(Func<string, JsonElement?> find, TemplateTarget target = TemplateTarget.Text)
    {
        ArgumentNullException.ThrowIfNull(find);

        if (_template is null)
        {
            return _text;
        }

        var context = new TemplateContext(Options);
        foreach (var (name, variable) in _roots)
        {
            context.SetValue(name, JsonValues.Of(variable, find(variable), find));
        }

        try
        {
            return target == TemplateTarget.Html ? _template.Render(context, HtmlEncoder.Default) : _template.Render(context, NullEncoder.Default);
        }
        catch (TemplateException)
        {
            throw;
        }
        catch (Exception exception) when (exception is FluidException or InvalidOperationException or ArgumentException or FormatException or InvalidCastException or OverflowException)
        {
            // Its message may repeat a value.
            throw new TemplateException($"The template cannot be rendered: {exception.GetType().Name}.");
        }
    }

    // The engine's names are ASCII; those of clinics are not. Inside of tags, and outside of quotes there, each gets a name of its own for the engine.
    private static (string Text, Dictionary<string, string> Names) WithAsciiNames(string text)
    {
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        if (Ascii.IsValid(text))
        {
            return (text, names);
        }

        var ascii = Tag().Replace(text, tag => Token().Replace(tag.Value, token =>
        {
            if (token.Value[0] is '"' or '\'' || Ascii.IsValid(token.Value))
            {
                return token.Value;
            }

            var name = string.Create(CultureInfo.InvariantCulture, $"wcname{names.Count}x");
            names[name] = token.Value;
            return name;
        }));
        return (ascii, names);
    }

    [GeneratedRegex(@"\{\{.*?\}\}|\{%.*?%\}", RegexOptions.Singleline)]
    private static partial Regex Tag();

    [GeneratedRegex("\"[^\"]*\"|'[^']*'|[\\p{L}_][\\p{L}\\p{M}\\p{N}_-]*")]
    private static partial Regex Token();

    private static string NotUnderstood(string text, string error)
    {
        // The library's message goes on with the whole text.
        var what = error.Split('\n')[0].Trim();
        var place = what.LastIndexOf("at (", StringComparison.Ordinal);
        if (place < 0 || what[(place + 4)..].TrimEnd(')').Split(':') is not [var line, var column]
            || !int.TryParse(line, CultureInfo.InvariantCulture, out var row) || !int.TryParse(column, CultureInfo.InvariantCulture, out var at))
        {
            return $"The template is not understood: {what}.";
        }

        return $"The template is not understood at {Quote(text, row, at)}: {what}.";
    }

    private static string Quote(string text, int row, int column)
    {
        var lines = text.Split('\n');
        var start = lines.Take(row - 1).Sum(line => line.Length + 1) + Math.Max(column - 1, 0);
        start = Math.Clamp(start, 0, text.Length);
        var open = Math.Max(text.LastIndexOf("{{", Math.Max(Math.Min(start + 1, text.Length - 1), 0), StringComparison.Ordinal),
            text.LastIndexOf("{%", Math.Max(Math.Min(start + 1, text.Length - 1), 0), StringComparison.Ordinal));
        open = open < 0 ? start : open;
        var end = text.IndexOfAny(['}', '\n'], open);
        var tag = end < 0 ? text[open..] : text[open..Math.Min(end + (text[end] == '}' ? 2 : 0), text.Length)];
        return $"'{(tag.Length > LongestQuote ? $"{tag[..LongestQuote]}…" : tag)}'";
    }

    private static FluidParser CreateParser()
    {
        var parser = new FluidParser(new FluidParserOptions { AllowFunctions = false });

        // A template is one text; what would read another one has nowhere to read from.
        foreach (var tag in new[] { "include", "render", "liquid" })
        {
            parser.RegisteredTags.Remove(tag);
        }

        return parser;
    }

    private static TemplateOptions CreateOptions()
    {
        var options = new TemplateOptions { MaxSteps = MaxSteps, CultureInfo = CultureInfo.InvariantCulture, StrictFilters = true };
        options.Filters.AddFilter("default", (input, arguments, _) =>
            ValueTask.FromResult(input is MissingValue || input.IsNil() || input.ToStringValue().Length == 0 ? arguments.At(0) : input));
        return options;
    }

    /// <summary>What a template names, also where it does not come by with some values.</summary>
    private sealed class NamesInTemplate : AstVisitor
    {
        public string? UnknownFilter { get; private set; }

        public HashSet<string> Roots { get; } = new(StringComparer.Ordinal);

        protected override Expression VisitMemberExpression(MemberExpression memberExpression)
        {
            if (memberExpression.Segments is [IdentifierSegment root, ..])
            {
                Roots.Add(root.Identifier);
            }

            return base.VisitMemberExpression(memberExpression);
        }

        protected override Expression VisitFilterExpression(FilterExpression filterExpression)
        {
            if (!Options.Filters.TryGetValue(filterExpression.Name, out _))
            {
                UnknownFilter ??= filterExpression.Name;
            }

            return base.VisitFilterExpression(filterExpression);
        }
    }
}
