class (:
