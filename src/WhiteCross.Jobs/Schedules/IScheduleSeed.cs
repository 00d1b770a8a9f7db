namespace WhiteCross.Jobs.Schedules;

/// <summary>Puts schedules there that come from settings; called once the store answers, and again at every start.</summary>
public interface IScheduleSeed
{
    /// <summary>Makes the stored schedules agree with the settings.</summary>
    /// <param name="cancellationToken">Ends the work.</param>
    Task SeedAsync(CancellationToken cancellationToken);
}
