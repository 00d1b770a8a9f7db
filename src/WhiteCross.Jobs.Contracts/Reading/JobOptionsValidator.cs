using FluentValidation;

namespace WhiteCross.Jobs.Contracts;

/// <summary>The rules of <see cref="JobOptions"/>.</summary>
public sealed class JobOptionsValidator : AbstractValidator<JobOptions>
{
    /// <summary>Creates the validator.</summary>
    public JobOptionsValidator()
    {
        RuleFor(options => options.Delay).Must(value => value is null or (>= 0 and <= JobLimits.DelayMilliseconds))
            .WithMessage($"must be between 0 and {JobLimits.DelayMilliseconds} ms (365 days).");
        RuleFor(options => options.Attempts).Within(1, JobLimits.Attempts);
        RuleFor(options => options.Timeout).Must(value => value is null or (>= 1 and <= JobLimits.TimeoutMilliseconds))
            .WithMessage($"must be between 1 and {JobLimits.TimeoutMilliseconds} ms (24 hours).");
        RuleFor(options => options.Tags).Must(tags => tags is null || tags.Count <= JobLimits.Tags).WithMessage($"must be at most {JobLimits.Tags}.");
        RuleFor(options => options.Tags).EachText(JobLimits.TagLength);
        RuleFor(options => options.Backoff).ChildRules(backoff => backoff.RuleFor(value => value!.Delay)
            .InclusiveBetween(0, JobBackoff.MaxDelay)
            .WithMessage($"must be between 0 and {JobBackoff.MaxDelay} ms (24 hours)."));
    }
}
