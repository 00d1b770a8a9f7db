using System.Globalization;
using Microsoft.Extensions.Options;

namespace WhiteCross.Jobs.Dapr;

/// <summary>How events are published through the sidecar, in the section <c>Publishing</c>. Checked at start-up.</summary>
public sealed class PublishingOptions
{
    /// <summary>The configuration section.</summary>
    public const string SectionName = "Publishing";

    /// <summary>
    /// How long the sidecar may take to answer a publish. Then its events count as not published: they stay owed on record and go out when it answers
    /// again. Default: 5 s. 100 ms–9 s, since a job that is handed out for publishing is handed out again after ten.
    /// </summary>
    public TimeSpan Deadline { get; set; } = TimeSpan.FromSeconds(5);
}

/// <summary>Says what is wrong with <see cref="PublishingOptions"/>.</summary>
internal sealed class PublishingOptionsValidator : IValidateOptions<PublishingOptions>
{
    private static readonly (TimeSpan Least, TimeSpan Most) Deadline = (TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(9));

    public ValidateOptionsResult Validate(string? name, PublishingOptions options) =>
        options.Deadline >= Deadline.Least && options.Deadline <= Deadline.Most
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(string.Create(
                CultureInfo.InvariantCulture,
                $"{PublishingOptions.SectionName}:{nameof(PublishingOptions.Deadline)} is {options.Deadline:c}; it must be a time between {Deadline.Least:c} and {Deadline.Most:c} (hh:mm:ss)."));
}
