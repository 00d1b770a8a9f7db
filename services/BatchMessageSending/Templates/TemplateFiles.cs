using Microsoft.Extensions.Options;
using WhiteCross.Settings;

namespace WhiteCross.BatchMessageSending;

/// <summary>Where templates are. Section <c>Templates</c>.</summary>
public sealed class TemplateOptions : ICheckedSettings
{
    /// <summary>The section's name.</summary>
    public const string SectionName = "Templates";

    /// <summary>
    /// The folder of the templates, <c>&lt;templateId&gt;.txt</c> each, in UTF-8. A batch that names one is sent with its text, in which
    /// <c>{{content}}</c> is the batch's own content. Default: none; a batch's templateId is then for the record only.
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
public sealed class TemplateFiles(IOptions<TemplateOptions> options)
{
    private const int LongestTemplate = 40_000;

    /// <summary>Whether there is a folder of templates.</summary>
    public bool IsConfigured => options.Value.Directory is not null;

    /// <summary>A template's text; null when there is no such template.</summary>
    /// <param name="templateId">Its id.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task<string?> FindAsync(string templateId, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(templateId);

        // An id comes from outside: it must not lead out of the folder.
        if (options.Value.Directory is not { } directory || templateId[0] == '.' || !templateId.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_'))
        {
            return null;
        }

        var file = new FileInfo(Path.Combine(directory, $"{templateId}.txt"));
        return file is { Exists: true, Length: <= LongestTemplate } ? await File.ReadAllTextAsync(file.FullName, cancellationToken) : null;
    }
}
