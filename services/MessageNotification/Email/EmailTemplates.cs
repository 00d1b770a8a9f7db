using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;
using WhiteCross.Jobs;

namespace WhiteCross.MessageNotification;

/// <summary>
/// Mail templates from files: <c>{id}.html</c>, and beside it, if wanted, <c>{id}.txt</c> and <c>{id}.subject.txt</c>. <c>{{name}}</c> stands for a variable;
/// its value is escaped in the HTML part. Read for each mail, so that a changed file counts at once.
/// </summary>
internal sealed partial class EmailTemplates(IOptions<EmailOptions> options)
{
    private readonly string _folder = options.Value.Templates ?? Path.Combine(AppContext.BaseDirectory, "templates");

    /// <summary>Renders a template.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="variables">The values: text, numbers, true and false.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="PermanentJobException">There is no such template, or a variable has no value that can be shown; the message names it.</exception>
    public async Task<RenderedTemplate> RenderAsync(string id, IReadOnlyDictionary<string, JsonElement> variables, CancellationToken cancellationToken)
    {
        // An id is a name, never a path.
        if (!Id().IsMatch(id) || await ReadAsync($"{id}.html", cancellationToken) is not { } html)
        {
            throw new PermanentJobException(
                $"emailPayload.templateId: there is no such template; it must be the name of a file in the folder {EmailOptions.SectionName}:Templates, without .html.");
        }

        var text = await ReadAsync($"{id}.txt", cancellationToken);
        var subject = await ReadAsync($"{id}.subject.txt", cancellationToken);
        string[] parts = [html, text ?? string.Empty, subject ?? string.Empty];
        string[] missing =
        [
            .. parts.SelectMany(part => Variable().Matches(part)).Select(match => match.Groups[1].Value).Distinct(StringComparer.Ordinal)
                .Where(name => !variables.TryGetValue(name, out var value) || TextOf(value) is null),
        ];
        if (missing.Length > 0)
        {
            throw new PermanentJobException(
                $"emailPayload.templateData: the template needs {string.Join(", ", missing)}; each must be text, a number, true or false.");
        }

        return new RenderedTemplate(
            Fill(html, variables, WebUtility.HtmlEncode),
            text is null ? null : Fill(text, variables, value => value),
            subject is null ? null : Fill(subject.Trim(), variables, OnOneLine));
    }

    private static string Fill(string template, IReadOnlyDictionary<string, JsonElement> variables, Func<string, string?> escape) =>
        Variable().Replace(template, match => escape(TextOf(variables[match.Groups[1].Value])!) ?? string.Empty);

    private static string? TextOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Number => value.GetRawText(),
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        _ => null,
    };

    // A line break in a header would be the beginning of another header.
    private static string OnOneLine(string text) => text.ReplaceLineEndings(" ");

    private async Task<string?> ReadAsync(string file, CancellationToken cancellationToken)
    {
        var path = Path.Combine(_folder, file);
        return File.Exists(path) ? await File.ReadAllTextAsync(path, cancellationToken) : null;
    }

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9_.-]{0,99}\z")]
    private static partial Regex Id();

    [GeneratedRegex(@"\{\{\s*([A-Za-z0-9_.-]+)\s*\}\}")]
    private static partial Regex Variable();
}

/// <summary>A template with its variables filled in.</summary>
/// <param name="Html">The HTML part.</param>
/// <param name="Text">The text part, where the template has one.</param>
/// <param name="Subject">The subject, where the template has one.</param>
internal sealed record RenderedTemplate(string Html, string? Text, string? Subject);
