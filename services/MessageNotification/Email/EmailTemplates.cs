using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;
using WhiteCross.Jobs;
using WhiteCross.Templates;

namespace WhiteCross.MessageNotification;

/// <summary>
/// Mail templates from files: <c>{id}.html</c>, and beside it, if wanted, <c>{id}.txt</c> and <c>{id}.subject.txt</c>; each too as <c>{id}.{locale}.…</c>, for
/// mails whose variable <c>locale</c> says so. They are Liquid, as those of batches
/// are (<see cref="TextTemplate"/>), and strict: what is not understood or missing is a permanent error. Values are escaped in the HTML part. Read for each mail, so that a changed file counts at once.
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
        if (!Id().IsMatch(id) || await FindAsync(id, variables, cancellationToken) is not var (name, html))
        {
            throw new PermanentJobException(
                $"emailPayload.templateId: there is no such template; it must be the name of a file in the folder {EmailOptions.SectionName}:Templates, without .html.");
        }

        var text = await ReadAsync($"{name}.txt", cancellationToken);
        var subject = await ReadAsync($"{name}.subject.txt", cancellationToken);
        return new RenderedTemplate(
            Render($"{name}.html", html, variables, TemplateTarget.Html),
            text is null ? null : Render($"{name}.txt", text, variables, TemplateTarget.Text),
            subject is null ? null : OnOneLine(Render($"{name}.subject.txt", subject.Trim(), variables, TemplateTarget.Text)));
    }

    // For de-AT-1996: de-AT-1996, de-AT, de, and the one for everybody. All parts are of one language.
    private async Task<(string Name, string Html)?> FindAsync(string id, IReadOnlyDictionary<string, JsonElement> variables, CancellationToken cancellationToken)
    {
        var locale = variables.TryGetValue("locale", out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { } text && Locale().IsMatch(text) ? text : string.Empty;
        for (; locale.Length > 0; locale = locale[..Math.Max(0, locale.LastIndexOf('-'))])
        {
            if (await ReadAsync($"{id}.{locale}.html", cancellationToken) is { } localized)
            {
                return ($"{id}.{locale}", localized);
            }
        }

        return await ReadAsync($"{id}.html", cancellationToken) is { } html ? (id, html) : null;
    }

    private static string Render(string file, string template, IReadOnlyDictionary<string, JsonElement> variables, TemplateTarget target)
    {
        try
        {
            return TextTemplate.Parse(template).Render(name => variables.TryGetValue(name, out var value) ? value : null, target);
        }
        catch (TemplateException exception)
        {
            throw new PermanentJobException(exception.Variable is { } name
                ? $"emailPayload.templateData: the template {file} needs {name}, which must be text, a number, true or false."
                : $"emailPayload.templateId: {file}: {exception.Message}");
        }
    }

    // A line break in a header would be the beginning of another header.
    private static string OnOneLine(string text) => text.ReplaceLineEndings(" ");

    private async Task<string?> ReadAsync(string file, CancellationToken cancellationToken)
    {
        var path = Path.Combine(_folder, file);
        return File.Exists(path) ? await File.ReadAllTextAsync(path, cancellationToken) : null;
    }

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9_.-]{0,99}\z")]
    private static partial Regex Id();

    [GeneratedRegex(@"\A[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*\z")]
    private static partial Regex Locale();
}

/// <summary>A template with its variables filled in.</summary>
/// <param name="Html">The HTML part.</param>
/// <param name="Text">The text part, where the template has one.</param>
/// <param name="Subject">The subject, where the template has one.</param>
internal sealed record RenderedTemplate(string Html, string? Text, string? Subject);
