using System.ComponentModel.DataAnnotations;

namespace WhiteCross.Gateway;

/// <summary>The audit log. Section <c>Audit</c>.</summary>
internal sealed class AuditOptions
{
    public const string SectionName = "Audit";

    /// <summary>How many days entries are kept, 1–36,500. Default: 2192, six years, which HIPAA asks for.</summary>
    [Range(1, 36_500)]
    public int KeepDays { get; set; } = 2_192;

    /// <summary>Whether jobs that are added are in it too, an entry for each request. Default: true.</summary>
    public bool Adds { get; set; } = true;

    public TimeSpan Keep => TimeSpan.FromDays(KeepDays);
}
