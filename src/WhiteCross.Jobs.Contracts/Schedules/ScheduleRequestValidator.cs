using FluentValidation;

namespace WhiteCross.Jobs.Contracts;

/// <summary>The rules of <see cref="ScheduleRequest"/>, but for those of its job, which are its queue's.</summary>
public sealed class ScheduleRequestValidator : AbstractValidator<ScheduleRequest>
{
    private const long LeastEvery = 1_000;

    /// <summary>Creates the validator.</summary>
    public ScheduleRequestValidator()
    {
        RuleFor(request => request.Id)
            .Must(id => id is null || (JobIds.IsValid(id) && id.Length <= JobSchedules.IdLength))
            .WithMessage($"{JobIds.Rule}; and at most {JobSchedules.IdLength} characters.");
        RuleFor(request => request.Cron)
            .Must((request, cron) => (cron is null) != (request.Every is null))
            .WithMessage("is required unless 'every' is given, and only then: a cron expression such as \"0 2 * * *\".");
        RuleFor(request => request.Cron)
            .Must(cron => JobSchedules.TryParseCron(cron!, out _))
            .When(request => request.Cron is not null)
            .WithMessage("must be a cron expression of five fields (minute hour day month weekday), or six with seconds first, such as \"0 2 * * *\".");
        RuleFor(request => request.Cron)
            .Must(cron => cron is null || !JobSchedules.TryParseCron(cron, out var read) || JobSchedules.EverFires(read))
            .WithMessage("would never fire: no date has this day, month and weekday together. Change one of them.");
        RuleFor(request => request.Every)
            .Must(every => every is null or (>= LeastEvery and <= JobLimits.DelayMilliseconds))
            .WithMessage($"must be between {LeastEvery} and {JobLimits.DelayMilliseconds} ms (365 days).");
        RuleFor(request => request.TimeZone)
            .Must(zone => zone is null || TimeZoneInfo.TryFindSystemTimeZoneById(zone, out _))
            .WithMessage("must be the IANA name of a time zone, such as Europe/Berlin or UTC.");
        RuleFor(request => request.Limit).Must(limit => limit is null or >= 1).WithMessage("must be at least 1.");
        RuleFor(request => request.Job).NotNull().WithMessage("is required: the envelope of the job.");
    }
}
