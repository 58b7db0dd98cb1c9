class ChartView:
    pass
