using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;
using WhiteCross.Settings;

namespace WhiteCross.BatchMessageSending;

/// <summary>Where templates are. Section <c>Templates</c>.</summary>
internal sealed class TemplateOptions : ICheckedSettings
{
    /// <summary>The section's name.</summary>
    public const string SectionName = "Templates";

    /// <summary>
    /// The folder of the templates, <c>&lt;templateId&gt;.txt</c> each, in UTF-8. A batch that names one is sent with its text, in which
    /// <c>{{content}}</c> is the batch's own content; beside it <c>&lt;templateId&gt;.&lt;locale&gt;.txt</c>, for recipients whose variable <c>locale</c> says so. Default: none; a batch's templateId is then for the record only.
    /// </summary>
    public string? Directory { get; set; }

    /// <inheritdoc/>
    public IEnumerable<string> Problems(string section)
    {
        if (Directory is { } directory && !System.IO.Directory.Exists(directory))
        {
            yield return $"{section}:{nameof(Directory)} is '{directory}', which does not exist.";
        }
    }
}

/// <summary>The templates in files.</summary>
internal sealed partial class TemplateFiles(IOptions<TemplateOptions> options)
{
    private const int LongestTemplate = 40_000;
    private const int MostLocales = 100;

    /// <summary>Whether there is a folder of templates.</summary>
    public bool IsConfigured => options.Value.Directory is not null;

    /// <summary>A template's text; null when there is no such template.</summary>
    /// <param name="templateId">Its id.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>Its text, and that in other languages, by locale: <c>&lt;templateId&gt;.&lt;locale&gt;.txt</c>.</returns>
    public async Task<(string Text, Dictionary<string, string> Localized)?> FindAsync(string templateId, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(templateId);

        // An id comes from outside: it must not lead out of the folder.
        if (options.Value.Directory is not { } directory || templateId[0] == '.' || !templateId.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_'))
        {
            return null;
        }

        var file = new FileInfo(Path.Combine(directory, $"{templateId}.txt"));
        if (file is not { Exists: true, Length: <= LongestTemplate })
        {
            return null;
        }

        var localized = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var other in new DirectoryInfo(directory).EnumerateFiles($"{templateId}.*.txt").Where(other => other.Length <= LongestTemplate).Take(MostLocales))
        {
            var locale = other.Name[(templateId.Length + 1)..^".txt".Length];
            if (Locale().IsMatch(locale))
            {
                localized[locale] = await File.ReadAllTextAsync(other.FullName, cancellationToken);
            }
        }

        return (await File.ReadAllTextAsync(file.FullName, cancellationToken), localized);
    }

    [GeneratedRegex(@"\A[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*\z")]
    private static partial Regex Locale();
}
